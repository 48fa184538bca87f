"""One wheel by two engines: whether the faster one gives what the reference gives."""

from dataclasses import replace

from crosswheel.inspection import Certificate
from crosswheel.model import EngineName, Outcome, Plan
from crosswheel.pipeline.run import Run
from crosswheel.pipeline.sequence import run_plan
from crosswheel.wheels.compare import Names, differences
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.texts import text_differences


def certify(
    plan: Plan,
    engines: tuple[EngineName, EngineName],
    run: Run,
) -> Certificate:
    """Build the wheel of a plan's only job by two engines, and compare.

    :param engines: the one that is judged, and the one that it is judged by.
    :param run: its output directory gets a directory for the wheel of each engine, named after it.
    :raises OSError: the store or the output directory cannot be written.
    """
    (job,) = plan.jobs
    outcomes: list[Outcome] = []
    for engine in engines:
        alone = replace(plan, jobs=(replace(job, ladder=(engine,)),))
        outcomes += run_plan(alone, replace(run, output_dir=run.output_dir / engine))
        if not outcomes[-1].ok:
            break
    return compared(engines, tuple(outcomes))


def compared(engines: tuple[EngineName, EngineName], outcomes: tuple[Outcome, ...]) -> Certificate:
    """The certificate of two builds; of fewer wheels one without a comparison."""
    wheels = [outcome.wheel.path for outcome in outcomes if outcome.wheel is not None]
    if len(wheels) != 2:
        return Certificate(engines, outcomes)
    names = Names(*engines)
    mine, other = (inspect(wheel, instructions=True) for wheel in wheels)
    texts, in_texts = text_differences(wheels[0], wheels[1], names)
    found = sorted((*differences(mine, other, names), *in_texts), key=lambda one: not one.matters)
    return Certificate(engines, outcomes, tuple(found), compiled=len(mine.elf), texts=texts)
