"""The servers that Rowmill is developed and tested against: installed into one cache folder, run on loopback.

Reading order: cache, progress, prerequisites; the install_* recipes, and where they take things from (debian_packages,
maven); stack (one instance's folder), server (what all services have in common), then one file per service.
"""
