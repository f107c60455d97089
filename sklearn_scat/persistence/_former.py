"""Where classes stood before: bundles that name these places are still read."""

_MODULES = {
    "sklearn_scat": """
        affine.PCAAffineClassifier
        augmentation.AugmentedClassifier
        channel_order.LayerOrganizer
        dilation.DilationAverage
        neural.ImageClassifier
        normalization.NormalizedScattering
        organization.Questionnaire
        selection.OrthogonalLeastSquares
        svm.MeanNormSVC
        transformers._roto_translation.RotoTranslationScattering
        transformers._scattering.ScatteringTransformer
    """,
    "sklearn_scat.augmentation": "_copy_blocks.CopiesSplit",
    "sklearn_scat.classifiers": "_sample_span.ExactRotation _sample_span.GramMatrix",
    "sklearn_scat.model_selection": """
        model_selection._folds.PredefinedFolds
        model_selection._subsets.BalancedSubsetSplit
    """,
    "sklearn_scat.questionnaire": "questionnaire._tree.PartitionTree",
    "sklearn_scat.nn": """
        nn._alexnet.AlexNet
        nn._contrast.LocalContrastNormalization
        nn._hierarchical.HierarchicalCNN
        nn._hybrid.Hybrid
        nn._local_encoder.SharedLocalEncoder
        nn._parametric.ScatteringParametric2d
        nn._parametric_recipes.parametric_linear
        nn._parametric_recipes.parametric_wrn
        nn._recipes.scat_cnn
        nn._recipes.scat_resnet10
        nn._recipes.scat_resnet50
        nn._recipes.scat_sle
        nn._recipes.scat_wrn
        nn._regular_boundary.PartialReLU
        nn._regular_boundary.RegularBoundaryNet
        nn._residual.ResNet
        nn._residual.resnet18
        nn._roto_translation.RotoTranslationScattering2d
        nn._scattering.Scattering2d
        nn._small_cnn.SmallCNN
        nn._wide_residual.WideResNet
    """,
}
_RENAMED = {
    "ExactRotation": "SpanCoordinates",
    "LayerOrganizer": "LayerOrganiser",
}

# (module, name) before: (module, name) now.
FORMER = {
    (f"sklearn_scat.{former.rpartition('.')[0]}", former.rpartition(".")[2]): (
        module,
        _RENAMED.get(former.rpartition(".")[2], former.rpartition(".")[2]),
    )
    for module, names in _MODULES.items()
    for former in names.split()
}
