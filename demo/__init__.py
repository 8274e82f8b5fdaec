"""Show the whole life of a table on a local CloudFormation: ``make demo``."""
