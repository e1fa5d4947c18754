"""Diffusion: how motion is noised, and how a network that predicts the clean motion is sampled from.

schedule   betas, and which of the 1,000 steps a sampler takes
samplers   DDIM and DPM-Solver++, with guidance and with parts that are held fixed
"""
