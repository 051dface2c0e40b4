"""TPFDD-like movement requirements: read, linted, mapped to units of a scenario, and written with what became of them.

The layout is modelled on public descriptions of time-phased force and deployment data, hence TPFDD-*like*. Real ones
are classified: everything here is for synthetic data.
"""

#: Said by whatever reads a file of requirements.
WARNING = (
    "TPFDD-like, for synthetic data only: real requirements are classified as a rule, and belong on no machine that "
    "is not cleared for them."
)
