"""The table of the numbered bad inputs that concern the command line, files, tables and checks."""

from tests.bad_inputs import of_checks, of_files, of_form, of_stores, of_values

CASES = (
    *of_files.CASES,
    *of_form.CASES,
    *of_values.CASES,
    *of_stores.CASES,
    *of_checks.CASES,
)
