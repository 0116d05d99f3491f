"""The data plane: tables on an engine, Parquet, column roles and kinds."""
