"""Pictures of networks, of training and of predictions."""
