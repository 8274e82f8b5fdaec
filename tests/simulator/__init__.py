"""The proving ground: AWS as the provisioner meets it, on a virtual clock."""
