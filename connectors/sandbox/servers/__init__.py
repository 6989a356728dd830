"""The ten sources as the documents describe them: their wire formats over a made-up register."""
