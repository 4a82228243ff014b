#!/bin/sh
# features.t with every profile: see there.
E2E_LONG=yes exec sh regress/e2e/features.t
