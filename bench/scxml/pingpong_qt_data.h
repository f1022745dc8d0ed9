/* SPDX-License-Identifier: MIT */
#pragma once
#include <QScxmlCppDataModel>

class PingpongData : public QScxmlCppDataModel {
	Q_OBJECT
	Q_SCXML_DATAMODEL
  public:
	qint64 hits = 0;
};
