"""What the provisioner costs, as ratios against baselines that are measured in the same run: ``make bench``."""
