"""CloudFormation's side of a custom resource: its requests, its patience, and its strict ears."""
