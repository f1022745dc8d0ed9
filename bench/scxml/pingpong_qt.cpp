// SPDX-License-Identifier: MIT
//
// Qt SCXML's compiled model of the ping-pong chart, driven as Qt's documentation has it: submitEvent queues an event by its name,
// and the event loop processes what is queued. So many events are submitted before each turn of the loop as the other side posts before
// each pump.
//
//   pingpong_qt EVENTS BATCH

#include <QCoreApplication>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "pingpong_qt.h"
#include "pingpong_qt_data.h"

static double cpu_seconds() {
	timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

static qint64 drive(long events, long batch, double *taken) {
	const QString hit = QStringLiteral("hit");
	Pingpong machine;
	PingpongData data;
	machine.setDataModel(&data);
	machine.start();
	QCoreApplication::processEvents();
	const double begun = cpu_seconds();
	for (long done = 0; done < events;) {
		for (long i = 0; i < batch && done < events; i++, done++) machine.submitEvent(hit);
		QCoreApplication::processEvents();
	}
	*taken = cpu_seconds() - begun;
	return data.hits;
}

int main(int argc, char **argv) {
	QCoreApplication app(argc, argv);
	const long events = argc > 1 ? std::atol(argv[1]) : 1000000;
	const long batch = argc > 2 ? std::atol(argv[2]) : 256;
	double taken;
	drive(events / 10, batch, &taken); // warm-up
	const qint64 hits = drive(events, batch, &taken);
	std::printf("RESULT peer=qt-scxml-%ld n=%ld ns_per_event=%.1f hits=%lld\n", batch, events, taken * 1e9 / static_cast<double>(events),
	    static_cast<long long>(hits));
	return 0;
}
