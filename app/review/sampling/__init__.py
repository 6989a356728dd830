"""Audit samples 抽查: what is drawn, with which probability, and what the readings say of the rest.

Pure statistics: seeds come in as arguments, money is whole fen, probabilities are floats.
"""
