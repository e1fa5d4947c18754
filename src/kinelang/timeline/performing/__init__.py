"""The body behind `perform`: paths, footprints, limbs. Actions write into its `Score`; it knows no action."""
