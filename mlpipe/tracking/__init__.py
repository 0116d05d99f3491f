"""Where runs are told of: MLflow, Weights & Biases. Nothing goes where the spec does not say."""
