-- SPDX-License-Identifier: MIT
-- Blocks in blocks.
-- ends: refused limit-depth
@50000{do } @50000{end }
