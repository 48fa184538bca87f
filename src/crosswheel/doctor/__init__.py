"""What a machine can do: probes that find out by doing (a table in ``examination.py``), and what follows from them.

Nothing is fetched and nothing of the host is changed; what probes write goes to the cache's scratch and ends there.
"""

from crosswheel.doctor.examination import DEFAULT, PROBES, examine
from crosswheel.doctor.machine import Machine, Probe, Probed

__all__ = ["DEFAULT", "PROBES", "Machine", "Probe", "Probed", "examine"]
