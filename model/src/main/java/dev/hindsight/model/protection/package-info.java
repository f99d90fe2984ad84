/** Decisions about the continuous protection of tables: when a new base is needed, and what protection costs. Pure values. */
package dev.hindsight.model.protection;
