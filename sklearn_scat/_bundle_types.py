"""The types that a bundle may hold, besides those that skops trusts by itself.

skops trusts scikit-learn's public estimators, the types of NumPy, and plain Python.
Each line below was looked at: none of them runs code that a file brings, opens a file
or calls a function that it is given while it is loaded.
"""

_OWN = """
    _copy_blocks.CopiesSplit
    _sample_span.ExactRotation
    _sample_span.GramMatrix
    affine.PCAAffineClassifier
    augmentation.AugmentedClassifier
    channel_order.LayerOrganizer
    dilation.DilationAverage
    model_selection._folds.PredefinedFolds
    model_selection._subsets.BalancedSubsetSplit
    neural.ImageClassifier
    normalization.NormalizedScattering
    organization.Questionnaire
    questionnaire._tree.PartitionTree
    selection.OrthogonalLeastSquares
    svm.MeanNormSVC
    transformers._roto_translation.RotoTranslationScattering
    transformers._scattering.ScatteringTransformer
"""

# What makes networks: loading a bundle names it, using the classifier calls it.
_NETWORKS = """
    _alexnet.AlexNet
    _contrast.LocalContrastNormalization
    _hierarchical.HierarchicalCNN
    _hybrid.Hybrid
    _local_encoder.SharedLocalEncoder
    _parametric.ScatteringParametric2d
    _parametric_recipes.parametric_linear
    _parametric_recipes.parametric_wrn
    _recipes.scat_cnn
    _recipes.scat_resnet10
    _recipes.scat_resnet50
    _recipes.scat_sle
    _recipes.scat_wrn
    _regular_boundary.PartialReLU
    _regular_boundary.RegularBoundaryNet
    _residual.ResNet
    _residual.resnet18
    _roto_translation.RotoTranslationScattering2d
    _scattering.Scattering2d
    _small_cnn.SmallCNN
    _wide_residual.WideResNet
"""

_SCIKIT_LEARN = """
    metrics._classification.accuracy_score
    metrics._classification.balanced_accuracy_score
    metrics._scorer._PassthroughScorer
    metrics._scorer._Scorer
    model_selection._split.GroupKFold
    model_selection._split.KFold
    model_selection._split.LeaveOneOut
    model_selection._split.RepeatedKFold
    model_selection._split.RepeatedStratifiedKFold
    model_selection._split.ShuffleSplit
    model_selection._split.StratifiedGroupKFold
    model_selection._split.StratifiedKFold
    model_selection._split.StratifiedShuffleSplit
"""

_SPARSE = """
    scipy.sparse._csr.csr_array
    scipy.sparse._csr.csr_matrix
"""

TRUSTED = (
    *(f"sklearn_scat.{name}" for name in _OWN.split()),
    *(f"sklearn_scat.nn.{name}" for name in _NETWORKS.split()),
    *(f"sklearn.{name}" for name in _SCIKIT_LEARN.split()),
    *_SPARSE.split(),
)
