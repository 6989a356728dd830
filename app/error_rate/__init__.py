"""Predicted error rate 预测差错率 of a decision: probability, interval, causes that add up.

Floats are right here: these are probabilities. Money enters the simulation as a float and never
leaves it as money.
"""
