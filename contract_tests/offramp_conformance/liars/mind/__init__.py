"""What a competent model would answer. It understands the wordings of `checks/prompts.py`, one module a skill.

It does as it is told and knows nothing else, so that whatever a check finds is the fault of what stands between.
"""
