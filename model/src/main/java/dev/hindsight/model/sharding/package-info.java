/** Cutting tables into units of work: by size for a backup, by the target's replica sets for a restore. */
package dev.hindsight.model.sharding;
