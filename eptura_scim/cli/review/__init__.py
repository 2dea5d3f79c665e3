"""The commands of a review: `drift`, `report`, `fleet`, and their texts."""
