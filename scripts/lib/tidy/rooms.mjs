// Rooms and who may include what, as wasm/CMakeLists.txt says it.

// readRooms: Map of room name to {depends, libs}.
export function readRooms(cmake) {
  const rooms = new Map();
  for (const [, body] of cmake.matchAll(/^\s*latchkey_room\(([^)]+)\)/gm)) {
    const words = body.trim().split(/\s+/);
    const room = { depends: [], libs: [] };
    let list = null;
    for (const word of words.slice(1)) {
      if (word === "DEPENDS") list = room.depends;
      else if (word === "LIBS") list = room.libs;
      else if (word === "DIR") list = [];
      else list?.push(word);
    }
    rooms.set(words[0], room);
  }
  return rooms;
}

// reachable: the room, what it depends on, and what those depend on.
export function reachable(rooms, name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const other of rooms.get(name)?.depends ?? []) reachable(rooms, other, seen);
  return seen;
}

// roomOf: the room that a path below wasm/ lies in ("host/sqlite/db.cc" is host/sqlite).
export function roomOf(rooms, file) {
  const parts = file.split("/");
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const name = parts.slice(0, length).join("/");
    if (rooms.has(name)) return name;
  }
  return parts.length > 1 ? parts[0] : null;
}
