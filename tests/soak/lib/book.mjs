// What the clients and the admin know by themselves: what they sent, and what they were told. The database is held
// against it in the end.

export class Book {
  events = new Map(); // event id to {license_id, client, plan, provider, model, at, input, output, cached, reasoning,
  //                     cost (nano-dollars or null), acknowledged}
  provisions = []; // {request_id, license_id} of every answer that held keys
  created = []; // ids of licences
  revoked = new Set(); // ids of licences whose revocation was answered
  maybeRevoked = new Set(); // whose revocation was asked for: from then on a 401 is right
  wrong = []; // what no client may ever see, as text
  statuses = new Map(); // "POST /usage/report 200" to how often
  numRequests = 0;
  numRetries = 0;
  numLost = 0; // requests without an answer
  numDuplicates = 0;

  countAnswer(what, status) {
    const key = `${what} ${status}`;
    this.statuses.set(key, (this.statuses.get(key) ?? 0) + 1);
  }

  acknowledge(eventIds) {
    for (const id of eventIds) this.events.get(id).acknowledged = true;
  }

  get numAcknowledged() {
    let count = 0;
    for (const { acknowledged } of this.events.values()) count += acknowledged ? 1 : 0;
    return count;
  }
}
