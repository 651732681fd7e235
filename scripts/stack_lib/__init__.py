"""The servers that Rowmill is developed and tested against: installed into one cache folder, run on loopback.

Reading order: cache, progress, prerequisites; the four install_* recipes; stack (one instance's folder),
server (what all services have in common), then one file per service.
"""
