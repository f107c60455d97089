"""Bundles keep estimators whole, and whatever else is in a file is refused."""

import hashlib
import importlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression, RidgeClassifierCV
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import sklearn_scat
from sklearn_scat import (
    AugmentedClassifier,
    ImageClassifier,
    NormalizedScattering,
    PCAAffineClassifier,
    ScatteringTransformer,
    inspect,
    load,
    model_selection,
    nn,
    save,
)
from sklearn_scat.classifiers import _linear as linear
from sklearn_scat.classifiers import linear_head
from sklearn_scat.persistence import BundleError
from sklearn_scat.persistence._files import ESTIMATOR, MANIFEST, read_parts, write_parts
from sklearn_scat.persistence._former import FORMER
from sklearn_scat.persistence._types import TRUSTED

X, Y = load_digits(return_X_y=True)
X, Y = X[:60].astype(np.float32), Y[:60]
SCATTERING = ScatteringTransformer(J=1)
NET = ImageClassifier(max_epochs=1, module__width=4, random_state=0)
MADE_OF = {
    "AugmentedClassifier": (LogisticRegression(max_iter=300),),
    "DilationAverage": (ScatteringTransformer(J=1, pooling="mean"),),
}


def estimator_classes(module):
    for name in module.__all__:
        public = getattr(module, name)
        if isinstance(public, type) and issubclass(public, BaseEstimator):
            yield public


def answers(model, X):
    """What a fitted model says, by the first of its methods."""
    for method in ("predict_proba", "decision_function", "predict", "transform"):
        if hasattr(model, method):
            return getattr(model, method)(X)
    return model.get_params()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.scat"


MODELS = {
    "linear": make_pipeline(SCATTERING, StandardScaler(), linear_head(60, 144)),
    "log": make_pipeline(
        NormalizedScattering(SCATTERING), linear_head(60, 144, loss="log_loss", cv=2)
    ),
    "gram": make_pipeline(
        SCATTERING, StandardScaler(), linear_head(60, 144, loss="hinge", C=0.01)
    ),
    "union": make_pipeline(
        FeatureUnion([("a", SCATTERING), ("b", ScatteringTransformer(J=2))]),
        FunctionTransformer(np.abs),
        PCAAffineClassifier(n_components=2),
    ),
    "copies": AugmentedClassifier(
        make_pipeline(SCATTERING, RidgeClassifierCV()), "affine", random_state=0
    ),
    "head": make_pipeline(ScatteringTransformer(J=1, output="maps"), NET),
    "hybrid": ImageClassifier(
        nn.Hybrid,
        module__scattering=nn.Scattering2d,
        module__scattering__J=1,
        module__head=nn.SmallCNN,
        max_epochs=1,
        random_state=0,
    ),
    "recipe": clone(NET).set_params(module=nn.scat_cnn, augment=["crop", "rotate"]),
    "search": GridSearchCV(
        Pipeline([("s", ScatteringTransformer(output="maps")), ("net", NET)]),
        {"s__J": [1, 2], "net__module__width": [2, 4]},
        cv=2,
        scoring="accuracy",
    ),
    "two nets": Pipeline(
        [
            ("union", FeatureUnion([("a", SCATTERING)])),
            ("net", AugmentedClassifier(NET)),
        ]
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_bundle_gives_the_same_bits(name, path):
    model = clone(MODELS[name])
    if name == "two nets":
        model.named_steps["net"].set_params(image_shape=(9, 16))
    model.fit(X, Y)
    save(path, model)
    loaded = load(path)
    assert type(loaded) is type(model)
    assert_array_equal(answers(loaded, X), answers(model, X))
    assert repr(loaded) == repr(model)
    again = clone(loaded).fit(X, Y)
    assert_array_equal(answers(again, X), answers(model, X))


@pytest.mark.parametrize(
    "estimator_class",
    list(estimator_classes(sklearn_scat)),
    ids=lambda c: c.__name__,
)
def test_every_estimator_goes_into_a_bundle(estimator_class, path):
    model = estimator_class(*MADE_OF.get(estimator_class.__name__, ()))
    if estimator_class is ImageClassifier:
        model.set_params(max_epochs=2)
    elif estimator_class is sklearn_scat.ScatteringClassifier:
        model.set_params(recipe="scat_linear", n_folds=2)
    save(path, model)
    assert load(path).get_params().keys() == model.get_params().keys()
    images = X.reshape(-1, 8, 8)
    others = {
        sklearn_scat.ImageReader: images.astype(np.uint8),
        sklearn_scat.RegionFeatures: [(x, np.ones((8, 8), int)) for x in images],
    }
    given = others.get(estimator_class, X)
    model.fit(given, Y)
    save(path, model)
    assert_array_equal(answers(load(path), given), answers(model, given))


def test_trusted_types_are_the_public_ones():
    public = [
        *estimator_classes(sklearn_scat),
        *estimator_classes(linear),
        *(getattr(nn, name) for name in nn.__all__ if name != "angular_spectrum"),
        model_selection.BalancedSubsetSplit,
        model_selection.PredefinedFolds,
    ]
    names = {f"{thing.__module__}.{thing.__qualname__}" for thing in public}
    assert names - set(TRUSTED) == set()
    for name in TRUSTED:
        module, _, attribute = name.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), name


def test_saving_leaves_the_estimator_alone(path):
    model = make_pipeline(ScatteringTransformer(J=1, output="maps"), clone(NET))
    expected = model.fit(X, Y).predict_proba(X)
    weights = model[-1].weights_
    save(path, model)
    assert model[-1].weights_ is weights
    assert_array_equal(model.predict_proba(X), expected)


def test_weights_lie_in_the_bundle_once(path):
    search = GridSearchCV(NET, {"module__width": [8]}, cv=2).fit(X, Y)
    search.again_ = search.best_estimator_
    save(path, search)
    weights = search.best_estimator_.weights_
    assert inspect(path).weights == {
        f"0.{name}": (str(w.dtype), w.shape) for name, w in weights.items()
    }
    loaded = load(path)
    assert loaded.again_ is loaded.best_estimator_
    content = path.read_bytes()
    assert all(content.count(w.tobytes()) == 1 for w in weights.values() if w.size > 8)


def test_inspection_tells_what_is_there(path):
    save(path, make_pipeline(SCATTERING, LogisticRegression()))
    info = inspect(path)
    assert info.estimator == "sklearn.pipeline.Pipeline"
    assert "ScatteringTransformer(J=1)" in info.text
    assert {"python", "scikit-learn", "numpy", "torch"} <= info.versions.keys()
    assert info.types == ()


def test_network_of_a_gpu_is_loaded_and_used_without_one(path):
    model = clone(NET).set_params(device="auto").fit(X, Y)
    np.save(path.with_name("X.npy"), X)
    np.save(path.with_name("expected.npy"), model.predict_proba(X))
    save(path, model)
    code = (
        "import sys, numpy as np, sklearn_scat\n"
        "folder = sys.argv[1]\n"
        "X, expected = (np.load(f'{folder}/{n}.npy') for n in ('X', 'expected'))\n"
        "model = sklearn_scat.load(f'{folder}/model.scat')\n"
        "assert np.array_equal(model.predict_proba(X), expected)\n"
    )
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-W", "error", "-c", code, str(path.parent)]
    process = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr


class Mine(TransformerMixin, BaseEstimator):
    """A type that nobody listed."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X


def test_unknown_types_need_trust_on_both_sides(path):
    name = f"{Mine.__module__}.Mine"
    with pytest.raises(BundleError, match=rf"does not trust: {name}.*trusted="):
        save(path, make_pipeline(Mine()))
    assert not path.exists()
    save(path, make_pipeline(Mine()), trusted=[name])
    with pytest.raises(BundleError, match=f"not trusted: {name}"):
        load(path)
    assert inspect(path).types == (name,)


@pytest.mark.parametrize(
    "model",
    [
        FunctionTransformer(os.system),
        FunctionTransformer(lambda X: X),
        ImageClassifier(nn.Scattering2d(1, (8, 8))),
        ImageClassifier(augment=lambda x: x),
        make_pipeline(ImageClassifier(eval)),
        FunctionTransformer(kw_args={"command": subprocess.run}),
    ],
    ids=["system", "lambda", "network", "augment", "eval", "run"],
)
def test_functions_and_networks_are_not_saved(model, path):
    with pytest.raises(BundleError):
        save(path, model)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("thing", [[1, 2], {"a": SCATTERING}, nn.SmallCNN, "model"])
def test_only_estimators_are_saved(thing, path):
    with pytest.raises(BundleError, match="save takes estimators"):
        save(path, thing)


def harmful(data):
    """An estimator's archive whose description names a command of the shell."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members["schema.json"])
    schema["content"] = {
        "__class__": "system",
        "__module__": "os",
        "__loader__": "FunctionNode",
        "__id__": 1,
        "content": {"module_path": "os", "function": "system"},
    }
    members["schema.json"] = json.dumps(schema).encode()
    return archived(members)


def archived(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_crafted_description_is_refused_before_anything_is_called(path):
    save(path, SCATTERING)
    parts = read_parts(path, max_bytes=2**30)
    write_parts(path, {**parts, ESTIMATOR: harmful(parts[ESTIMATOR])})
    with pytest.raises(BundleError, match=r"os\.system"):
        load(path)
    assert "os.system" in inspect(path).types


def npy_header(shape):
    buffer = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (archived({"a.npy": npy_header((10**12,))}), "claims 8,000,000,000,000 bytes"),
        (archived({"a.npy": npy_header((2**40, 2**40))}), "claims"),
        (archived({"a": bytes(9**6)}, compression=zipfile.ZIP_DEFLATED), "compressed"),
        (archived({"a.npy": b"no array"}), "damaged"),
        (archived({"a.npz": b"no archive"}), "damaged"),
        (archived({"schema.json": b"[" * 10**5}), "damaged"),
        (archived({"schema.json": b"{}"}), "damaged"),
        (b"", "damaged"),
    ],
)
def test_archives_that_would_fill_memory_are_refused(archive, message, path):
    save(path, SCATTERING)
    write_parts(path, {**read_parts(path, max_bytes=2**30), ESTIMATOR: archive})
    with pytest.raises(BundleError, match=message):
        load(path)


@pytest.mark.parametrize("where", ["file", "estimator"])
def test_parts_that_claim_more_than_there_is_are_refused(where, path):
    """Before anyone asks for that much memory."""
    save(path, SCATTERING)
    parts = read_parts(path, max_bytes=2**30)
    if where == "estimator":
        claimed = claiming(parts[ESTIMATOR], 4_000_000_000)
        write_parts(path, {**parts, ESTIMATOR: claimed})
    else:
        sealed = claiming(path.read_bytes(), 4_000_000_000)[:-64]
        path.write_bytes(sealed + hashlib.sha256(sealed).hexdigest().encode())
    for read in (load, inspect):
        with pytest.raises(BundleError, match=r"claim [\d,]{13,} bytes in a file of"):
            read(path)


def claiming(archive, size):
    """Let the list of an archive's parts give each a size."""
    archive, at = bytearray(archive), -1
    while (at := archive.find(b"PK\1\2", at + 1)) >= 0:
        for field in (20, 24):  # compressed and uncompressed
            archive[at + field : at + field + 4] = size.to_bytes(4, "little")
    return bytes(archive)


def test_sparse_matrices_are_unpacked_up_to_the_limit(path):
    class_ = LogisticRegression(max_iter=300)
    class_.fit(X, Y).sparsify()
    class_.zeros_ = csr_array(np.zeros((1, 300_000)) + 1.0)
    save(path, class_)
    assert_array_equal(load(path).predict(X), class_.predict(X))
    with pytest.raises(BundleError, match=r"sparse matrix claims|bytes of arrays"):
        load(path, max_bytes=1_000_000)


def test_large_files_are_not_read(path):
    save(path, SCATTERING)
    size = path.stat().st_size
    assert load(path, max_bytes=size).get_params() == SCATTERING.get_params()
    with pytest.raises(BundleError, match=f"{size:,} bytes, more than max_bytes"):
        load(path, max_bytes=size - 1)


def test_every_single_byte_counts(path):
    save(path, SCATTERING)
    content = path.read_bytes()
    for i in range(0, len(content), 97):
        for changed in (
            content[:i],
            content[:i] + bytes([content[i] ^ 1]) + content[i + 1 :],
            content[:i] + b"\0" + content[i:],
        ):
            path.write_bytes(changed)
            with pytest.raises(BundleError, match="cut off or changed"):
                load(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 500])
def test_other_files_are_no_bundles(content, path):
    path.write_bytes(content)
    for read in (load, inspect):
        with pytest.raises(BundleError, match="no bundle"):
            read(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "another"}, "format is another one"),
        ({"format_version": 2}, "version 2 of the format; this package reads up to 1"),
        ({"format_version": "1"}, "version '1'"),
        ({"versions": 3}, "description is damaged"),
    ],
)
def test_other_formats_are_refused(change, message, path):
    save(path, SCATTERING)
    parts = read_parts(path, max_bytes=2**30)
    manifest = {**json.loads(parts[MANIFEST]), **change}
    write_parts(path, {**parts, MANIFEST: json.dumps(manifest).encode()})
    with pytest.raises(BundleError, match=message):
        load(path)


def test_weights_that_are_not_finite_are_refused(path):
    net = clone(NET).fit(X, Y)
    next(iter(net.weights_.values())).flat[0] = np.nan
    save(path, net)
    with pytest.raises(BundleError, match="not finite"):
        load(path)


def rewritten(path, change):
    """Write a bundle again with another schema, as a hand that knows the format."""
    parts = read_parts(path, max_bytes=2**30)
    with zipfile.ZipFile(io.BytesIO(parts[ESTIMATOR])) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = change(members["schema.json"].decode())
    estimator = archived({**members, "schema.json": text.encode()})
    write_parts(path, {**parts, ESTIMATOR: estimator})


@pytest.mark.parametrize("former", FORMER, ids=".".join)
def test_bundles_that_name_former_places_are_read(former, path):
    module, name = FORMER[former]
    public = getattr(importlib.import_module(module), name)
    save(path, FunctionTransformer(kw_args={"kept": public}), trusted=["builtins.type"])
    now = f'"__class__": "{name}", "__module__": "{module}"'
    before = f'"__class__": "{former[1]}", "__module__": "{former[0]}"'

    def change(text):
        changed = json.loads(text)
        for node in nodes(changed):
            if (node.get("__module__"), node.get("__class__")) == (module, name):
                node["__module__"], node["__class__"] = former
        assert changed != json.loads(text), (now, before)
        return json.dumps(changed)

    rewritten(path, change)

    assert load(path).kw_args["kept"] is public


def nodes(value):
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            yield from nodes(part)


def test_nothing_is_called_while_a_bundle_is_loaded(path):
    """A trusted name and arguments of the file: a large network, a metric."""
    for name in ("sklearn_scat.nn.WideResNet", "sklearn.metrics.accuracy_score"):
        module, _, attribute = name.rpartition(".")
        save(path, FunctionTransformer(kw_args={"kept": (1, 2)}))

        def change(text, module=module, attribute=attribute):
            schema = json.loads(text)
            node = next(n for n in nodes(schema) if n.get("__loader__") == "TupleNode")
            call = {"__module__": module, "__class__": attribute, "content": dict(node)}
            node |= call | {"__loader__": "ConstructorFromReduceNode"}
            return json.dumps(schema)

        rewritten(path, change)
        with pytest.raises(BundleError, match=f"would call {name}"):
            load(path)


EVERYTHING = {
    "list": [1, "a", None],
    "tuple": (1.5, True),
    "set": {1, 2},
    "mapping": {1: "a", 1.5: "b", "c": 3, np.int64(4): 5},
    "number": np.float32(2.5),
    "array": np.arange(3.0),
    "names": np.array(["a", None], dtype=object),
    "masked": np.ma.masked_array([1.0, 2.0], [True, False]),
    "sparse": csr_array(np.eye(2)),
    "bytes": b"ab",
    "many bytes": bytearray(b"cd"),
    "part": slice(1, 2),
    "state": np.random.RandomState(0),
    "generator": np.random.default_rng(0),
    "class": nn.SmallCNN,
    "function": np.abs,
    "estimator": LogisticRegression(),
}


def test_what_holds_data_is_saved_and_loaded(path):
    save(path, FunctionTransformer(kw_args=EVERYTHING))
    kept = load(path).kw_args
    assert {name: type(value) for name, value in kept.items()} == {
        name: type(value) for name, value in EVERYTHING.items()
    }
    plain = ("list", "tuple", "set", "mapping", "number", "bytes", "class")
    assert [kept[name] for name in plain] == [EVERYTHING[name] for name in plain]
    assert [type(key) for key in kept["mapping"]] == [int, float, str, np.int64]
    assert kept["state"].randint(99) == np.random.RandomState(0).randint(99)
    assert kept["generator"].random() == np.random.default_rng(0).random()
    assert_array_equal(kept["array"], EVERYTHING["array"])


def test_no_name_in_any_place_is_called_while_a_bundle_is_loaded(path, monkeypatch):
    """Whatever part of the file is made to bear the name of a trusted type."""
    called = []

    class WideResNet:
        def __init__(self, *args, **kwargs):
            called.append("class")

    def scat_wrn(*args, **kwargs):
        called.append("function")

    monkeypatch.setattr(nn, "WideResNet", WideResNet)
    monkeypatch.setattr(nn, "scat_wrn", scat_wrn)
    save(path, FunctionTransformer(kw_args=EVERYTHING))
    content = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(read_parts(path, max_bytes=2**30)[ESTIMATOR])) as a:
        n = len(list(nodes(json.loads(a.read("schema.json")))))
    refused = 0
    for i in range(n):
        for name in ("WideResNet", "scat_wrn"):

            def change(text, i=i, name=name):
                schema = json.loads(text)
                node = list(nodes(schema))[i]
                node["__module__"], node["__class__"] = "sklearn_scat.nn", name
                return json.dumps(schema)

            path.write_bytes(content)
            rewritten(path, change)
            try:
                load(path)
            except BundleError:
                refused += 1
            assert called == []
    assert refused > n


def with_keys_of(name):
    """Let the keys of a dictionary be made by a class."""

    def change(schema):
        found = (n for n in nodes(schema) if n.get("key_types", {}).get("content"))
        for node in found:
            kind = node["key_types"]["content"][0]
            kind |= {"__module__": "sklearn_scat.nn", "__class__": name}

    return change


def with_two_meanings(schema):
    """Give the types of keys the number of a list that stands before them."""
    holder = next(n for n in nodes(schema) if "kept" in n.get("content", ""))
    kept = holder["content"].pop("kept")
    node = {"__module__": "sklearn_scat.nn", "__class__": "WideResNet"}
    kept["content"] = [{**node, "__loader__": "TypeNode"}]
    schema["content"]["content"] = {"a": kept, **schema["content"]["content"]}
    types = schema["content"]["key_types"]
    types["content"].insert(0, dict(types["content"][0]))
    holder["key_types"]["__id__"] = kept["__id__"]


def with_former_format(schema):
    schema["protocol"] = 1


def with_another_size(schema):
    """Let a random generator keep a billion numbers."""
    for node in nodes(schema):
        if node.get("__loader__") == "RandomGeneratorNode":
            node["content"]["seed_seq"]["content"]["pool_size"]["content"] = "1" * 10


def with_bytes_of_a_number(schema):
    """Let an array of one number be as many bytes."""
    node = next(n for n in nodes(schema) if n.get("__loader__") == "NdArrayNode")
    node |= {"__module__": "numpy", "__class__": "void"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_keys_of("WideResNet"), "would call builtins.dict"),
        (with_two_meanings, "two parts of the number"),
        (with_former_format, "in the format 1 of skops; 2 is the first"),
        (with_another_size, r"would call numpy\.random\._generator\.Generator"),
        (with_bytes_of_a_number, r"would call numpy\.void"),
    ],
)
def test_parts_that_build_more_than_they_say_are_refused(change, message, path):
    content = {
        "kept": [1],
        "generator": np.random.default_rng(0),
        "number": np.array(10**12),
        "mapping": {"a": 1},
    }
    save(path, FunctionTransformer(kw_args=content))

    def changed(text):
        schema = json.loads(text)
        change(schema)
        return json.dumps(schema)

    rewritten(path, changed)
    with pytest.raises(BundleError, match=message):
        load(path)


def test_one_array_named_many_times_is_refused(path):
    array = np.zeros(40_000)
    save(path, FunctionTransformer(kw_args={"kept": [array] * 4000}))
    assert len(load(path).kw_args["kept"]) == 4000  # one array, made once

    def change(text):
        schema = json.loads(text)
        first = next(n for n in nodes(schema) if n.get("__loader__") == "NdArrayNode")
        holder = next(n for n in nodes(schema) if n.get("__loader__") == "ListNode")
        holder["content"] = [{**first, "__id__": 10**6 + i} for i in range(4000)]
        return json.dumps(schema)

    rewritten(path, change)
    with pytest.raises(BundleError, match="1,280,000,000 bytes"):
        load(path)


def test_sparse_matrices_with_indices_out_of_bounds_are_refused(path):
    matrix = csr_array(np.eye(5))
    matrix.indices[-1] = 10**8
    save(path, FunctionTransformer(kw_args={"kept": matrix}))
    with pytest.raises(BundleError, match="indices"):
        load(path)


def test_folders_of_the_machine_that_saved_are_left_behind(path, tmp_path):
    model = make_pipeline(
        ScatteringTransformer(J=1, cache=str(tmp_path / "cache")),
        LogisticRegression(max_iter=300),
        memory=str(tmp_path / "memory"),
    )
    save(path, model.fit(X, Y))
    loaded = load(path)
    assert loaded.memory is None
    assert loaded[0].cache is None
    assert model.memory is not None
    assert_array_equal(loaded.predict(X), model.predict(X))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without end")
def test_only_regular_files_are_read():
    for read in (load, inspect):
        with pytest.raises(BundleError, match="no regular file"):
            read("/dev/zero")


LABELS = np.array([f"class {i}" for i in range(10)], dtype=object)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
        make_pipeline(
            StandardScaler().set_output(transform="pandas"),
            PCAAffineClassifier(n_components=2),
        ),
        GridSearchCV(
            make_pipeline(ScatteringTransformer(), RidgeClassifierCV()),
            {"scatteringtransformer__frame": ["none", "tight"]},
            cv=2,
        ),
    ],
    ids=["pipeline", "set_output", "search"],
)
def test_models_of_tables_and_names_go_into_bundles(model, path):
    """Names of columns and classes are arrays of objects."""
    table = pd.DataFrame(X[:, :49], columns=[f"pixel {i}" for i in range(49)])
    model = clone(model).fit(table, LABELS[Y])
    save(path, model)
    loaded = load(path)
    assert list(loaded.predict(table)) == list(model.predict(table))
    assert list(loaded.feature_names_in_) == list(table.columns)


def test_pickles_are_never_read(path, tmp_path):
    import pickle

    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "touched",))

    content = pickle.dumps(Bomb())
    parts = {MANIFEST: b"{}", ESTIMATOR: archived({"a.npy": content})}
    for data in (content, archived(parts)):
        seal = hashlib.sha256(data).hexdigest().encode()
        path.write_bytes(data + seal)
        with pytest.raises(BundleError):
            load(path)
    write_parts(path, parts)
    with pytest.raises(BundleError):
        load(path)
    assert not (tmp_path / "touched").exists()


def test_failed_writing_leaves_the_old_file(path, monkeypatch):
    save(path, SCATTERING)

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        save(path, clone(SCATTERING).set_params(J=2))
    assert load(path).J == 1
    assert list(path.parent.iterdir()) == [path]


def test_changed_bundles_give_an_estimator_or_the_declared_error():
    file = Path(__file__).parents[2] / "benchmarks" / "mutate_bundles.py"
    spec = importlib.util.spec_from_file_location("mutate_bundles", file)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    counts = script.mutate(20, seed=2)
    results = {result for _, result in counts}
    assert results == {"read", "refused"}
    raw = [r for kind, r in counts if kind == "bytes of the file"]
    assert raw == ["refused"]


@pytest.mark.parametrize("opening", ['{"content": ', "["])
def test_descriptions_nested_without_end_are_refused(opening, path):
    closing = {"{": "}", "[": "]"}[opening[0]]
    save(path, FunctionTransformer(kw_args={"kept": (1, 2)}))

    def change(text, depth=250):
        schema = json.loads(text)
        schema["deep"] = json.loads(opening * depth + "1" + closing * depth)
        return json.dumps(schema)

    rewritten(path, change)
    with pytest.raises(BundleError, match="nested more than 200 deep"):
        load(path)
