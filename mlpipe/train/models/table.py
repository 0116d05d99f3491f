"""scikit-learn's classifiers and regressors by name: where each is, and what parameters it has.

Written down rather than looked up, so that a spec is read, and a misspelled parameter told, without
importing scikit-learn. A test holds this table against `sklearn.utils.all_estimators`.
"""

import re
from typing import NamedTuple

__all__ = ["TABLE", "UNREACHABLE", "Entry", "entry_of", "snake_case"]


class Entry(NamedTuple):
    """Where the classes of one name are.

    Attributes
    ----------
    module : str
        Below ``sklearn``.
    classifier, regressor : str
        The class for classes, and the one for numbers; empty where there is none.
    parameters : str
        The names of the parameters of both, apart from those that mlpipe sets itself: threads,
        what is printed, and models inside the model. ``monotonic`` stands for ``monotonic_cst``.
    """

    module: str
    classifier: str
    regressor: str
    parameters: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(self.parameters.split())


_INNER = "it needs a model inside: name that one, or take `voting` or `stacking`"
_MANY = "it predicts several targets at once"
_LEAVING = "scikit-learn 1.10 drops it: `sgd` with learning_rate: pa1 does the same"
_UNLABELLED = "it learns from rows without labels, of which train has none"
UNREACHABLE = {
    "CalibratedClassifierCV": "train: {calibrate: …} does this with the folds of the split",
    "ClassifierChain": _MANY,
    "FixedThresholdClassifier": "train: {decide: {threshold: …}} does this",
    "LabelPropagation": _UNLABELLED,
    "LabelSpreading": _UNLABELLED,
    "MultiOutputClassifier": _MANY,
    "MultiOutputRegressor": _MANY,
    "MultiTaskElasticNet": _MANY,
    "MultiTaskElasticNetCV": _MANY,
    "MultiTaskLasso": _MANY,
    "MultiTaskLassoCV": _MANY,
    "OneVsOneClassifier": _INNER,
    "OneVsRestClassifier": _INNER,
    "OutputCodeClassifier": _INNER,
    "PassiveAggressiveClassifier": _LEAVING,
    "PassiveAggressiveRegressor": _LEAVING,
    "RegressorChain": _MANY,
    "SelfTrainingClassifier": _UNLABELLED,
    "StackingClassifier": "`stacking` does this with the folds of the split",
    "StackingRegressor": "`stacking` does this with the folds of the split",
    "TransformedTargetRegressor": "train: {target: log} does this for every model",
    "TunedThresholdClassifierCV": "train: {decide: {maximize: …}} does this",
    "VotingClassifier": "`voting` does this, each model with its own features",
    "VotingRegressor": "`voting` does this, each model with its own features",
}
"""Classes that no name stands for, and why."""

# fmt: off
TABLE: dict[str, Entry] = {
    "ada_boost": Entry("ensemble", "AdaBoostClassifier", "AdaBoostRegressor",
        "n_estimators learning_rate random_state loss"),
    "ard_regression": Entry("linear_model", "", "ARDRegression",
        "max_iter tol alpha_1 alpha_2 lambda_1 lambda_2 compute_score threshold_lambda "
        "fit_intercept copy_X"),
    "bagging": Entry("ensemble", "BaggingClassifier", "BaggingRegressor",
        "n_estimators max_samples max_features bootstrap bootstrap_features oob_score "
        "random_state"),
    "bayesian_ridge": Entry("linear_model", "", "BayesianRidge",
        "max_iter tol alpha_1 alpha_2 lambda_1 lambda_2 alpha_init lambda_init compute_score "
        "fit_intercept copy_X"),
    "bernoulli_nb": Entry("naive_bayes", "BernoulliNB", "",
        "alpha force_alpha binarize fit_prior class_prior"),
    "categorical_nb": Entry("naive_bayes", "CategoricalNB", "",
        "alpha force_alpha fit_prior class_prior min_categories"),
    "cca": Entry("cross_decomposition", "", "CCA", "n_components scale max_iter tol copy"),
    "complement_nb": Entry("naive_bayes", "ComplementNB", "",
        "alpha force_alpha fit_prior class_prior norm"),
    "decision_tree": Entry("tree", "DecisionTreeClassifier", "DecisionTreeRegressor",
        "criterion splitter max_depth min_samples_split min_samples_leaf min_weight_fraction_leaf "
        "max_features random_state max_leaf_nodes min_impurity_decrease class_weight ccp_alpha "
        "monotonic"),
    "dummy": Entry("dummy", "DummyClassifier", "DummyRegressor",
        "strategy random_state constant quantile"),
    "elastic_net": Entry("linear_model", "", "ElasticNet",
        "alpha l1_ratio fit_intercept precompute max_iter copy_X tol positive random_state "
        "selection"),
    "elastic_net_cv": Entry("linear_model", "", "ElasticNetCV",
        "l1_ratio eps alphas fit_intercept precompute max_iter tol cv copy_X positive "
        "random_state selection"),
    "extra_tree": Entry("tree", "ExtraTreeClassifier", "ExtraTreeRegressor",
        "criterion splitter max_depth min_samples_split min_samples_leaf min_weight_fraction_leaf "
        "max_features random_state max_leaf_nodes min_impurity_decrease class_weight ccp_alpha "
        "monotonic"),
    "extra_trees": Entry("ensemble", "ExtraTreesClassifier", "ExtraTreesRegressor",
        "n_estimators criterion max_depth min_samples_split min_samples_leaf "
        "min_weight_fraction_leaf max_features max_leaf_nodes min_impurity_decrease bootstrap "
        "oob_score random_state class_weight ccp_alpha max_samples monotonic"),
    "gamma": Entry("linear_model", "", "GammaRegressor", "alpha fit_intercept solver max_iter tol"),
    "gaussian_nb": Entry("naive_bayes", "GaussianNB", "", "priors var_smoothing"),
    "gaussian_process": Entry(
        "gaussian_process", "GaussianProcessClassifier", "GaussianProcessRegressor",
        "kernel optimizer n_restarts_optimizer max_iter_predict copy_X_train random_state "
        "multi_class alpha normalize_y n_targets"),
    "gradient_boosting": Entry(
        "ensemble", "GradientBoostingClassifier", "GradientBoostingRegressor",
        "loss learning_rate n_estimators subsample criterion min_samples_split min_samples_leaf "
        "min_weight_fraction_leaf max_depth min_impurity_decrease init random_state max_features "
        "max_leaf_nodes validation_fraction n_iter_no_change tol ccp_alpha alpha"),
    "hist_gradient_boosting": Entry(
        "ensemble", "HistGradientBoostingClassifier", "HistGradientBoostingRegressor",
        "loss learning_rate max_iter max_leaf_nodes max_depth min_samples_leaf l2_regularization "
        "max_features max_bins categorical_features monotonic interaction_cst early_stopping "
        "scoring validation_fraction n_iter_no_change tol random_state class_weight quantile"),
    "huber": Entry("linear_model", "", "HuberRegressor",
        "epsilon max_iter alpha fit_intercept tol"),
    "isotonic_regression": Entry("isotonic", "", "IsotonicRegression",
        "y_min y_max increasing out_of_bounds"),
    "k_neighbors": Entry("neighbors", "KNeighborsClassifier", "KNeighborsRegressor",
        "n_neighbors weights algorithm leaf_size p metric metric_params"),
    "kernel_ridge": Entry("kernel_ridge", "", "KernelRidge",
        "alpha kernel gamma degree coef0 kernel_params"),
    "lars": Entry("linear_model", "", "Lars",
        "fit_intercept precompute n_nonzero_coefs eps copy_X fit_path jitter random_state"),
    "lars_cv": Entry("linear_model", "", "LarsCV",
        "fit_intercept max_iter precompute cv max_n_alphas eps copy_X"),
    "lasso": Entry("linear_model", "", "Lasso",
        "alpha fit_intercept precompute copy_X max_iter tol positive random_state selection"),
    "lasso_cv": Entry("linear_model", "", "LassoCV",
        "eps alphas fit_intercept precompute max_iter tol copy_X cv positive random_state "
        "selection"),
    "lasso_lars": Entry("linear_model", "", "LassoLars",
        "alpha fit_intercept precompute max_iter eps copy_X fit_path positive jitter random_state"),
    "lasso_lars_cv": Entry("linear_model", "", "LassoLarsCV",
        "fit_intercept max_iter precompute cv max_n_alphas eps copy_X positive"),
    "lasso_lars_ic": Entry("linear_model", "", "LassoLarsIC",
        "criterion fit_intercept precompute max_iter eps copy_X positive noise_variance"),
    "linear_discriminant_analysis": Entry("discriminant_analysis", "LinearDiscriminantAnalysis", "",
        "solver shrinkage priors n_components store_covariance tol covariance_estimator"),
    "linear_regression": Entry("linear_model", "", "LinearRegression",
        "fit_intercept copy_X tol positive"),
    "linear_svc": Entry("svm", "LinearSVC", "",
        "penalty loss dual tol C multi_class fit_intercept intercept_scaling class_weight "
        "random_state max_iter"),
    "linear_svr": Entry("svm", "", "LinearSVR",
        "epsilon tol C loss fit_intercept intercept_scaling dual random_state max_iter"),
    "logistic_regression": Entry("linear_model", "LogisticRegression", "",
        "penalty C l1_ratio dual tol fit_intercept intercept_scaling class_weight random_state "
        "solver max_iter"),
    "logistic_regression_cv": Entry("linear_model", "LogisticRegressionCV", "",
        "Cs l1_ratios fit_intercept cv dual penalty scoring solver tol max_iter class_weight "
        "refit intercept_scaling random_state use_legacy_attributes"),
    "mlp": Entry("neural_network", "MLPClassifier", "MLPRegressor",
        "hidden_layer_sizes activation solver alpha batch_size learning_rate learning_rate_init "
        "power_t max_iter shuffle random_state tol momentum nesterovs_momentum early_stopping "
        "validation_fraction beta_1 beta_2 epsilon n_iter_no_change max_fun loss"),
    "multinomial_nb": Entry("naive_bayes", "MultinomialNB", "",
        "alpha force_alpha fit_prior class_prior"),
    "nearest_centroid": Entry("neighbors", "NearestCentroid", "", "metric shrink_threshold priors"),
    "nu_svc": Entry("svm", "NuSVC", "",
        "nu kernel degree gamma coef0 shrinking probability tol cache_size class_weight max_iter "
        "decision_function_shape break_ties random_state"),
    "nu_svr": Entry("svm", "", "NuSVR",
        "nu C kernel degree gamma coef0 shrinking tol cache_size max_iter"),
    "orthogonal_matching_pursuit": Entry("linear_model", "", "OrthogonalMatchingPursuit",
        "n_nonzero_coefs tol fit_intercept precompute"),
    "orthogonal_matching_pursuit_cv": Entry("linear_model", "", "OrthogonalMatchingPursuitCV",
        "copy fit_intercept max_iter cv"),
    "perceptron": Entry("linear_model", "Perceptron", "",
        "penalty alpha l1_ratio fit_intercept max_iter tol shuffle eta0 random_state "
        "early_stopping validation_fraction n_iter_no_change class_weight"),
    "pls_canonical": Entry("cross_decomposition", "", "PLSCanonical",
        "n_components scale algorithm max_iter tol copy"),
    "pls_regression": Entry("cross_decomposition", "", "PLSRegression",
        "n_components scale max_iter tol copy"),
    "poisson": Entry("linear_model", "", "PoissonRegressor",
        "alpha fit_intercept solver max_iter tol"),
    "quadratic_discriminant_analysis": Entry(
        "discriminant_analysis", "QuadraticDiscriminantAnalysis", "",
        "solver shrinkage priors reg_param store_covariance tol covariance_estimator"),
    "quantile": Entry("linear_model", "", "QuantileRegressor",
        "quantile alpha fit_intercept solver solver_options"),
    "radius_neighbors": Entry("neighbors", "RadiusNeighborsClassifier", "RadiusNeighborsRegressor",
        "radius weights algorithm leaf_size p metric outlier_label metric_params"),
    "random_forest": Entry("ensemble", "RandomForestClassifier", "RandomForestRegressor",
        "n_estimators criterion max_depth min_samples_split min_samples_leaf "
        "min_weight_fraction_leaf max_features max_leaf_nodes min_impurity_decrease bootstrap "
        "oob_score random_state class_weight ccp_alpha max_samples monotonic"),
    "ransac": Entry("linear_model", "", "RANSACRegressor",
        "min_samples residual_threshold is_data_valid is_model_valid max_trials max_skips "
        "stop_n_inliers stop_score stop_probability loss random_state"),
    "ridge": Entry("linear_model", "", "Ridge",
        "alpha fit_intercept copy_X max_iter tol solver positive random_state"),
    "ridge_classifier": Entry("linear_model", "RidgeClassifier", "",
        "alpha fit_intercept copy_X max_iter tol class_weight solver positive random_state"),
    "ridge_classifier_cv": Entry("linear_model", "RidgeClassifierCV", "",
        "alphas fit_intercept scoring cv class_weight store_cv_results"),
    "ridge_cv": Entry("linear_model", "", "RidgeCV",
        "alphas fit_intercept scoring cv gcv_mode store_cv_results alpha_per_target"),
    "sgd": Entry("linear_model", "SGDClassifier", "SGDRegressor",
        "loss penalty alpha l1_ratio fit_intercept max_iter tol shuffle epsilon random_state "
        "learning_rate eta0 power_t early_stopping validation_fraction n_iter_no_change "
        "class_weight average"),
    "svc": Entry("svm", "SVC", "",
        "C kernel degree gamma coef0 shrinking probability tol cache_size class_weight max_iter "
        "decision_function_shape break_ties random_state"),
    "svr": Entry("svm", "", "SVR",
        "kernel degree gamma coef0 tol C epsilon shrinking cache_size max_iter"),
    "theil_sen": Entry("linear_model", "", "TheilSenRegressor",
        "fit_intercept max_subpopulation n_subsamples max_iter tol random_state"),
    "tweedie": Entry("linear_model", "", "TweedieRegressor",
        "power alpha fit_intercept link solver max_iter tol"),
}
# fmt: on
"""By name: the ending of the class is left out, so that one name serves classes and numbers."""


def snake_case(name: str) -> str:
    """Return the name of a class as a word of the spec.

    >>> [snake_case(name) for name in ("LinearSVC", "GaussianNB", "MLPClassifier", "LassoLarsIC")]
    ['linear_svc', 'gaussian_nb', 'mlp_classifier', 'lasso_lars_ic']
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _exact() -> dict[str, Entry]:
    """Return each class under its own whole name."""
    found = {}
    for entry in TABLE.values():
        if entry.classifier:
            found[snake_case(entry.classifier)] = entry._replace(regressor="")
        if entry.regressor:
            found[snake_case(entry.regressor)] = entry._replace(classifier="")
    return found


_EXACT = _exact()


def entry_of(name: str) -> Entry | None:
    """Return the classes of a name, be it folded or the whole name of a class."""
    return TABLE.get(name) or _EXACT.get(name)
