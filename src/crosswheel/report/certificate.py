"""Whether two engines gave the same wheel, as text for people."""

from crosswheel.inspection import Certificate
from crosswheel.report.inspection import sentences
from crosswheel.report.text import count, wrap


def render(certificate: Certificate, *, width: int = 80) -> str:
    """What differs, then the verdict. The builds themselves are the summary's to tell.

    :param width: columns that sentences are wrapped to.
    """
    serious = [str(difference) for difference in certificate.differences if difference.matters]
    harmless = [str(difference) for difference in certificate.differences if not difference.matters]
    lines = [
        *sentences("differences that matter", serious, width),
        *sentences("differences that do no harm", harmless, width),
        "",
        *wrap(_verdict(certificate, len(serious)), width=width, indent="", hang=4),
    ]
    return "\n".join(lines).lstrip("\n")


def _verdict(certificate: Certificate, serious: int) -> str:
    mine, other = certificate.engines
    failed = next((o.engine or mine for o in certificate.outcomes if not o.ok), None)
    if failed is not None:
        return f"not certified: the build by {failed} failed"
    compared = (
        f"compared: tags, metadata, file list, {count(certificate.texts, 'text')} word for word, and of"
        f" {count(certificate.compiled, 'compiled file')} exports, libraries, floors, code sizes and processor"
    )
    tested = "both were tested" if all(o.tested for o in certificate.outcomes) else "not tested"
    if serious:
        end = f"not certified: {count(serious, 'difference')} between {mine} and {other}"
    else:
        end = f"certified: {mine} gives the same wheel as {other}"
    return f"{end} ({compared}; {tested})"
