"""Models: compared over folds, chosen by a metric, refitted, calibrated, and given a threshold."""
