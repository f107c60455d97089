"""The types that a bundle may hold, besides those that skops trusts by itself.

skops trusts scikit-learn's public estimators, the types of NumPy, and plain Python.
Each line below was looked at: none of them runs code that a file brings, opens a file
or calls a function that it is given while it is loaded.
"""

_OWN = """
    AugmentedClassifier
    classifiers.DecisionSum
    DilationAverage
    ImageClassifier
    ImageReader
    LayerOrganiser
    LocalKernelFeatures
    LocalKernelRidge
    MeanNormRidge
    MeanNormSVC
    NormalizedScattering
    OrthogonalLeastSquares
    PCAAffineClassifier
    PatchGaussian
    Questionnaire
    RegionFeatures
    RotoTranslationScattering
    ScatteringClassifier
    ScatteringRegressor
    ScatteringTransformer
    augmentation.CopiesSplit
    classifiers.SpanCoordinates
    local_kernels.LocalKernel
    classifiers.GramMatrix
    inversion.ScatteringGenerator
    model_selection.BalancedSubsetSplit
    model_selection.PredefinedFolds
    questionnaire.PartitionTree
    recipes.DaisyTransformer
    recipes.enlarged
    recipes.of_unit_square
    recipes.resized_to
    recipes.without_order_0
"""

# What makes networks: loading a bundle names it, using the classifier calls it.
_NETWORKS = """
    AlexNet
    HierarchicalCNN
    Hybrid
    LocalContrastNormalization
    PartialReLU
    RegularBoundaryNet
    ResNet
    RotoTranslationScattering2d
    Scattering2d
    ScatteringParametric2d
    SharedLocalEncoder
    SmallCNN
    WideResNet
    parametric_linear
    parametric_wrn
    resnet18
    scat_cnn
    scat_resnet10
    scat_resnet50
    scat_sle
    scat_wrn
"""

_SCIKIT_LEARN = """
    calibration._CalibratedClassifier
    calibration._SigmoidCalibration
    calibration._TemperatureScaling
    gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace
    gaussian_process.kernels.CompoundKernel
    gaussian_process.kernels.ConstantKernel
    gaussian_process.kernels.DotProduct
    gaussian_process.kernels.ExpSineSquared
    gaussian_process.kernels.Exponentiation
    gaussian_process.kernels.Matern
    gaussian_process.kernels.PairwiseKernel
    gaussian_process.kernels.Product
    gaussian_process.kernels.RBF
    gaussian_process.kernels.RationalQuadratic
    gaussian_process.kernels.Sum
    gaussian_process.kernels.WhiteKernel
    metrics._classification.accuracy_score
    metrics._classification.balanced_accuracy_score
    metrics._scorer._PassthroughScorer
    metrics._scorer._CurveScorer
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
    multiclass._ConstantPredictor
    neural_network._stochastic_optimizers.AdamOptimizer
    neural_network._stochastic_optimizers.SGDOptimizer
    utils._bunch.Bunch
    utils._metadata_requests.MetadataRequest
    utils._metadata_requests.MethodMetadataRequest
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

_COMPILED = (
    "{} are read by compiled code, which follows their numbers out of memory where a "
    "file says so; {}."
)
_TREES = _COMPILED.format("Decision trees", "linear and kernel classifiers do without")
_NEIGHBOURS = _COMPILED.format("Trees of neighbours", "algorithm='brute' does without")
_ADVICE = {
    "sklearn.tree._tree.Tree": _TREES,
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor": _TREES,
    "sklearn.neighbors._ball_tree.BallTree": _NEIGHBOURS,
    "sklearn.neighbors._kd_tree.KDTree": _NEIGHBOURS,
}


def advice(names):
    """Return why types are not trusted, and what does without them, as far as known."""
    return "".join(f" {_ADVICE[name]}" for name in names if name in _ADVICE)
