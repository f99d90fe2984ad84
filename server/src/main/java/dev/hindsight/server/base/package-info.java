/** New bases: by the schedule, and where a window has ended. Decided by {@link dev.hindsight.model.protection.BaseNeed}. */
package dev.hindsight.server.base;
