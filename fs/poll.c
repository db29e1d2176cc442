/* SPDX-License-Identifier: MIT */
/* Readiness of files. Numbers cite the invariants of the header. */
#include "fs/poll.h"
#include "fs/file.h"
#include "lib/assert.h"
#include "lib/irq.h"

void wait_queue_wake_for(struct wait_queue *queue, u32 events)
{
	unsigned long irq = irq_save();
	struct wait_entry *entry;
	bool given = false; /* to an exclusive one */

	list_for_each_entry (entry, &queue->entries, link) {
		struct waiter *waiter = entry->waiter;

		if ((waiter->wants && !(waiter->wants & events)) || (waiter->exclusive && given))
			continue;
		given |= waiter_wake(waiter) && waiter->exclusive;
	}
	irq_restore(irq);
}

void poll_begin(struct poll_table *table, struct wait_entry *entries, u32 room)
{
	*table = (struct poll_table){ .entries = entries, .room = room };
	waiter_init(&table->waiter);
}

void poll_wait(struct poll_table *table, struct wait_queue *queue)
{
	struct wait_entry *entry;
	unsigned long irq;

	if (!table)
		return;
	BUG_ON(table->used == table->room);
	entry = &table->entries[table->used++];
	entry->waiter = &table->waiter;
	irq = irq_save();
	list_add_tail(&entry->link, &queue->entries);
	irq_restore(irq);
}

int poll_sleep(struct poll_table *table, u64 deadline)
{
	return waiter_sleep(&table->waiter, deadline);
}

void poll_end(struct poll_table *table)
{
	unsigned long irq = irq_save();

	while (table->used)
		list_del(&table->entries[--table->used].link);
	irq_restore(irq);
}

int wait_queue_sleep(struct wait_queue *queue)
{
	struct wait_entry entry;
	struct poll_table table;
	int err;

	poll_begin(&table, &entry, 1);
	poll_wait(&table, queue);
	err = poll_sleep(&table, WAIT_FOREVER);
	poll_end(&table);
	return err;
}

u32 file_poll(struct file *file, struct poll_table *table)
{
	return file->operations->poll ? file->operations->poll(file, table) : POLL_ALWAYS;
}
