"""MDM: text to motion by diffusion with a plain Transformer (Tevet et al., ICLR 2023), the baseline beside FineMoGen."""
