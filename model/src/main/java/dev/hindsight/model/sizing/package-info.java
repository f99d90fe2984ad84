/** How many workers and how much scratch a run gets. */
package dev.hindsight.model.sizing;
