// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** The DICOM elements that a waveform needs: group and number. */
final class DicomTag {
  static final int ACQUISITION_DATE_TIME = 0x0008_002A;
  static final int ACQUISITION_DATE = 0x0008_0022;
  static final int ACQUISITION_TIME = 0x0008_0032;
  static final int CONTENT_DATE = 0x0008_0023;
  static final int CONTENT_TIME = 0x0008_0033;
  static final int CODE_VALUE = 0x0008_0100;
  static final int CODE_MEANING = 0x0008_0104;
  static final int PATIENT_ID = 0x0010_0020;
  static final int PATIENT_SEX = 0x0010_0040;
  static final int PATIENT_AGE = 0x0010_1010;
  static final int MULTIPLEX_GROUP_TIME_OFFSET = 0x0018_1068;
  static final int WAVEFORM_ORIGINALITY = 0x003A_0004;
  static final int CHANNELS = 0x003A_0005;
  static final int SAMPLES = 0x003A_0010;
  static final int SAMPLING_FREQUENCY = 0x003A_001A;
  static final int CHANNEL_DEFINITION_SEQUENCE = 0x003A_0200;
  static final int CHANNEL_LABEL = 0x003A_0203;
  static final int CHANNEL_SOURCE_SEQUENCE = 0x003A_0208;
  static final int CHANNEL_SENSITIVITY = 0x003A_0210;
  static final int CHANNEL_SENSITIVITY_UNITS_SEQUENCE = 0x003A_0211;
  static final int CHANNEL_SENSITIVITY_CORRECTION_FACTOR = 0x003A_0212;
  static final int CHANNEL_BASELINE = 0x003A_0213;
  static final int CHANNEL_SAMPLE_SKEW = 0x003A_0215;
  static final int WAVEFORM_SEQUENCE = 0x5400_0100;
  static final int BITS_ALLOCATED = 0x5400_1004;
  static final int SAMPLE_INTERPRETATION = 0x5400_1006;
  static final int PADDING_VALUE = 0x5400_100A;
  static final int WAVEFORM_DATA = 0x5400_1010;

  private DicomTag() {}
}
