"""The whole calendar lived through in minutes, by real processes and people made from a seed (N95).

`manage.py rehearse --coupons N`. Rehearsals only: the top room, which nobody imports.
"""
