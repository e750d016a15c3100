// Package events checks that the events of a deployed app arrive: each at the queues of the services that subscribe to it, with its
// id and detail, and at no other queue.
//
// What must arrive, and where, comes from the records of the services in their templates, not from rules, pipes or policies, or
// none of these could be found wrong. Each event is sent in the way in which its publisher sends it, with the credentials of its
// task role: by PutEvents, or as an item of an outbox. What nobody declared is sent as well: the role must be refused, and what is
// sent in spite of it must arrive nowhere. Messages and items of the check are removed again; messages of others stay.
package events
