-- SPDX-License-Identifier: MIT
-- Blocks in blocks.
-- ends: refused lua-error
@50000{do } @50000{end }
