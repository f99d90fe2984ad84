/** Words of the journal as values: positions in commit logs, observations, incarnations of a capture. */
package dev.hindsight.model.journal;
