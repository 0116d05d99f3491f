"""Behaviour tests: what the model must do with certain rows, whatever its average score.

In the manner of CheckList (Ribeiro, Wu, Guestrin and Singh, Beyond Accuracy: Behavioral Testing of
NLP Models with CheckList, ACL 2020): minimum functionality on given rows, invariance and direction
under changes of held-out rows.
"""
