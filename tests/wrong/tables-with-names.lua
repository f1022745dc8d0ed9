-- SPDX-License-Identifier: MIT
return playbook "p" (math)
