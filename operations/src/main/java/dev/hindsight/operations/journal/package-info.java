/** Continuous protection: which tables are protected, what of their journals can be restored, and how to get there. */
package dev.hindsight.operations.journal;
