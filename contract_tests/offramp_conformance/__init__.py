"""The conformance suite and the drill: does what a contract claims hold?"""
