"""Simulated migrations: does the verdict keep its promises?"""
