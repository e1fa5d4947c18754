"""FineMoGen: text to motion by diffusion, stage by stage and body part by body part (Zhang et al., NeurIPS 2023)."""
