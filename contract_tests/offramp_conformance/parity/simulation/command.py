"""`python -m offramp_conformance.parity.simulation`: how often migrations pass that should not, or should."""

import argparse
import sys
from collections.abc import Sequence

from offramp_conformance.parity.simulation.rates import pass_rate
from offramp_conformance.parity.simulation.scenarios import Scenario, scenarios
from offramp_conformance.whole_numbers import at_least_one


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all scenarios. 0: every rate is within its bound; 1: not so."""
    parser = argparse.ArgumentParser(prog="python -m offramp_conformance.parity.simulation", description=__doc__)
    parser.add_argument("--simulations", type=at_least_one, default=2000, help="migrations a scenario (2000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every-look", action="store_true", help="look after each cluster; slower")
    options = parser.parse_args(arguments)
    sound = [_told(each, options.simulations, options.seed) for each in scenarios(every_look=options.every_look)]
    sys.stdout.write(f"{sum(sound)} of {len(sound)} rates are within their bounds\n")
    return 0 if all(sound) else 1


def _told(scenario: Scenario, simulations: int, seed: int) -> bool:
    rate = pass_rate(scenario.truth, scenario.plan, simulations=simulations, seed=seed)
    if scenario.is_at_margin:
        sound, bound = rate.at_most(scenario.plan.alpha), f"at most {scenario.plan.alpha:g}"
    else:
        sound, bound = rate.at_least(scenario.plan.power), f"at least {scenario.plan.power:g}"
    mark = "  " if sound else "! "
    sys.stdout.write(
        f"{mark}{rate.passed:.4f} pass ({bound}; {rate.clusters_asked:4.0%} asked)  {scenario.name}"
        f"{', at the margin' if scenario.is_at_margin else ', as good'}\n"
    )
    return sound
