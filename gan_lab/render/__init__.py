"""Pictures of samples: tensors and a `DataSpec` in, Pillow images out."""
