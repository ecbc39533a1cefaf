// Rotations as they are stored.
#pragma once

#include <optional>

#include "host/db.h"
#include "rotation/decide.h"

namespace latchkey::rotation {

Rotation read_rotation(const host::Row& row);
// first_rotation: the first row of a statement, if it gave one.
std::optional<Rotation> first_rotation(const host::BatchAnswer& answer, size_t statement);
Adoption read_adoption(const host::Row& row);

// add_update: writes `after` over `before`, if that is still as it was read; gives the row. Last in its batch.
void add_update(host::Batch& batch, const Rotation& before, const Rotation& after, TimeMs now);

}  // namespace latchkey::rotation
