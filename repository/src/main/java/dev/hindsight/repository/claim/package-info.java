/**
 * Runs that must not collide, and runs that read what others might delete: {@link dev.hindsight.repository.claim.Claims}
 * takes a claim in the catalogue, proves by heartbeats that its holder lives, and takes over from the dead. Nothing here
 * compares the clocks of two machines or needs a listing (FORMAT.md, Claims). Called by the verbs.
 */
package dev.hindsight.repository.claim;
